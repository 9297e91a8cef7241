# reaches: internet -> role/anybody, internet -> role/no-subject
# hangs: oidc-provider/token.actions.githubusercontent.com -> role/ours
# apart: internet -> role/ours, internet -> role/branch
# admins: role/ours, role/anybody
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}
locals {
  subjects = { ours = ["repo:example/shop:*"], anybody = ["repo:*"], branch = ["repo:example/shop:ref:refs/heads/main", "repo:example/*"] }
}
data "aws_iam_policy_document" "trust" {
  for_each = local.subjects
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = each.value
    }
  }
}
resource "aws_iam_role" "by_subject" {
  for_each           = local.subjects
  name               = each.key
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json
}
resource "aws_iam_role_policy_attachment" "all" {
  for_each   = toset(["ours", "anybody"])
  role       = aws_iam_role.by_subject[each.value].name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_role" "no_subject" {
  name = "no-subject"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow", Action = "sts:AssumeRoleWithWebIdentity", Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
    Condition = { StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" } }
  }] })
}
