# reaches: user/start -> s3:::payroll
# hangs: user/vendor -> s3:::payroll
# apart: user/other -> s3:::payroll
# admins:
data "aws_caller_identity" "me" {}
locals {
  root  = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"
  chain = ["first", "second", "third"]
}
resource "aws_iam_user" "people" {
  for_each = toset(["start", "vendor", "other"])
  name     = each.key
}
resource "aws_iam_user_policy" "start" {
  user   = aws_iam_user.people["start"].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.first.arn }] })
}
# In the account, and let by none of its own policies: the trust in the root is not enough.
resource "aws_iam_role" "first" {
  name               = "first"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = local.root }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role" "second" {
  name               = "second"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_role.first.arn }, Action = "sts:AssumeRole" }] })
}
# Named in the trust policy, in the same account: no policy of its own is needed; but an external id is asked.
resource "aws_iam_role" "third" {
  name = "third"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = aws_iam_role.second.arn }, Action = "sts:AssumeRole" },
    { Effect = "Allow", Principal = { AWS = aws_iam_user.people["vendor"].arn }, Action = "sts:AssumeRole", Condition = { StringEquals = { "sts:ExternalId" = "7f3a" } } },
  ] })
}
resource "aws_iam_role_policy" "third" {
  role   = aws_iam_role.third.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = [aws_s3_bucket.payroll.arn, "${aws_s3_bucket.payroll.arn}/*"] }] })
}
resource "aws_s3_bucket" "payroll" { bucket = "payroll" }
