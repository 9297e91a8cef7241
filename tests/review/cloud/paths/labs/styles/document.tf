# Documents that are put together, attached to several at once.
locals {
  team = toset(["start"])
}

data "aws_iam_policy_document" "reading" {
  statement {
    sid       = "Reading"
    actions   = ["sts:GetCallerIdentity", "iam:List*", "iam:Get*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "start" {
  source_policy_documents = [data.aws_iam_policy_document.reading.json]
<<blocks>>
}

resource "aws_iam_user" "start" {
  for_each             = local.team
  name                 = each.key
  path                 = "/people/"
  permissions_boundary = <<boundary>>
}

resource "aws_iam_policy" "start" {
  name   = "start"
  path   = "/people/"
  policy = data.aws_iam_policy_document.start.json
}

resource "aws_iam_policy_attachment" "start" {
  name       = "start"
  users      = [for one in aws_iam_user.start : one.name]
  policy_arn = aws_iam_policy.start.arn
}
