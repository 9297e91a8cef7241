# A document whose empty statement another one takes the place of.
data "aws_iam_policy_document" "own" {
<<blocks>>
}

data "aws_iam_policy_document" "start" {
  statement {
    sid       = "Nothing"
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
  }
  override_policy_documents = [
    data.aws_iam_policy_document.own.json,
    jsonencode({ Version = "2012-10-17", Statement = { Sid = "Nothing", Effect = "Allow", Action = "sts:GetCallerIdentity", Resource = "*" } }),
  ]
}

resource "aws_iam_user" "start" {
  name                 = "start"
  permissions_boundary = <<boundary>>
}

resource "aws_iam_user_policy" "start" {
  name_prefix = "start"
  user        = aws_iam_user.start.name
  policy      = data.aws_iam_policy_document.start.minified_json
}
