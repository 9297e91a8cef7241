# A membership that lists its users, and a managed policy of the group.
resource "aws_iam_group" "team" {
  name = "team"
}

resource "aws_iam_user" "start" {
  count                = 1
  name                 = "start-${count.index}"
  permissions_boundary = <<boundary>>
}

resource "aws_iam_group_membership" "team" {
  name  = "team"
  users = aws_iam_user.start[*].name
  group = aws_iam_group.team.name
}

resource "aws_iam_policy" "team" {
  name   = "team"
  policy = <<POLICY
{"Version": "2012-10-17", "Statement": [
<<json>>
]}
POLICY
}

resource "aws_iam_group_policy_attachment" "team" {
  group      = aws_iam_group.team.name
  policy_arn = aws_iam_policy.team.arn
}
