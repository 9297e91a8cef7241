# Policies made for each entry of a local, their statements by a dynamic block.
locals {
  rights = {
    work = [
<<tuples>>
    ]
  }
}

data "aws_iam_policy_document" "rights" {
  for_each = local.rights
  dynamic "statement" {
    for_each = each.value
    content {
      effect    = statement.value.effect
      actions   = statement.value.actions
      resources = statement.value.resources
      dynamic "condition" {
        for_each = statement.value.conditions
        iterator = said
        content {
          test     = said.value.test
          variable = said.value.key
          values   = said.value.values
        }
      }
    }
  }
}

resource "aws_iam_user" "start" {
  name                 = "start"
  permissions_boundary = <<boundary>>
}

resource "aws_iam_policy" "rights" {
  for_each = data.aws_iam_policy_document.rights
  name     = each.key
  policy   = each.value.json
}

resource "aws_iam_user_policy_attachment" "rights" {
  for_each   = { for name, policy in aws_iam_policy.rights : name => policy.arn }
  user       = aws_iam_user.start.name
  policy_arn = each.value
}
