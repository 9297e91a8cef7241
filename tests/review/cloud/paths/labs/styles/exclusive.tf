# A role whose managed policies are listed elsewhere; the user is let in by name.
resource "aws_iam_user" "start" {
  name = "start"
}

resource "aws_iam_role" "work" {
  name_prefix          = "work-"
  permissions_boundary = <<boundary>>
  assume_role_policy   = <<TRUST
{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "${aws_iam_user.start.arn}"}, "Action": "sts:AssumeRole"}}
TRUST
}

data "aws_iam_policy_document" "work" {
<<blocks>>
}

resource "aws_iam_policy" "work" {
  name   = join("-", ["work", lower("POLICY")])
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_role_policy_attachments_exclusive" "work" {
  role_name   = aws_iam_role.work.name
  policy_arns = compact([aws_iam_policy.work.arn, ""])
}
