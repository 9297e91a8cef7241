# A role with its policy inside, that everybody of the account may take on who is let.
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

resource "aws_iam_user" "start" {
  name = "start"
}

resource "aws_iam_user_policy" "start" {
  name   = "switch"
  user   = aws_iam_user.start.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sts:AssumeRole"], Resource = [aws_iam_role.work.arn] }] })
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_iam_role" "work" {
  name                 = "work"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = <<boundary>>
  inline_policy {
    name   = "work"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [
<<objects>>
      ]
    })
  }
}
