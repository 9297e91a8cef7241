# reaches: user/iam-only -> all
# apart: user/power -> all, user/bounded -> all, user/denied -> all, user/not-iam -> all, user/far -> all, role/bounded -> all
# admins: user/boss, user/not-action, role/sso
# not: user/power, user/bounded, user/denied, user/not-iam, role/bounded, user/far, user/start, user/iam-only
resource "aws_iam_user" "plain" {
  for_each = toset(["boss", "not-action", "power", "denied", "not-iam", "far", "start", "iam-only"])
  name     = each.value
}
resource "aws_iam_user_policy_attachment" "managed" {
  for_each   = { boss = "AdministratorAccess", power = "PowerUserAccess", denied = "AdministratorAccess", iam-only = "IAMFullAccess" }
  user       = aws_iam_user.plain[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}
resource "aws_iam_user_policy" "inline" {
  for_each = {
    not-action = { Effect = "Allow", NotAction = "health:*", Resource = "*" }
    denied     = { Effect = "Deny", Action = ["iam:*", "sts:*", "organizations:*"], Resource = "*" }
    not-iam    = { Effect = "Allow", NotAction = ["iam:*", "organizations:*"], Resource = "*" }
    far        = { Effect = "Allow", Action = "*", Resource = "arn:aws:s3:::somewhere/*" }
    start      = { Effect = "Allow", Action = ["iam:Get*", "iam:List*"], Resource = "*" }
  }
  user   = aws_iam_user.plain[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [each.value] })
}
resource "aws_iam_policy" "limit" {
  name   = "limit"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*", "ec2:Describe*"], Resource = "*" }] })
}
resource "aws_iam_user" "bounded" {
  name                 = "bounded"
  permissions_boundary = aws_iam_policy.limit.arn
}
resource "aws_iam_user_policy_attachment" "bounded" {
  user       = aws_iam_user.bounded.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_role" "bounded" {
  name                 = "bounded"
  permissions_boundary = aws_iam_policy.limit.arn
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_user.plain["start"].arn }, Action = "sts:AssumeRole" }] })
  inline_policy {
    name   = "all"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
  }
}
resource "aws_iam_role" "sso" {
  name               = "sso"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "backup.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  inline_policy {
    name   = "iam"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["iam:*", "sts:*"], Resource = "*" }] })
  }
  inline_policy {
    name   = "rest"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", NotAction = ["iam:*"], Resource = "*" }] })
  }
}
