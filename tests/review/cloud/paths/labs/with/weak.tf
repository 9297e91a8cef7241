data "aws_caller_identity" "who" {}
resource "aws_iam_role" "weak" {
  name               = "weak"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.who.account_id }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_policy" "weak" {
  name   = "weak"
  policy = "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:ListAllMyBuckets\", \"Resource\": \"*\"}}"
}
resource "aws_iam_role_policy_attachment" "weak" {
  role       = aws_iam_role.weak.id
  policy_arn = aws_iam_policy.weak.id
}
resource "aws_iam_user" "weak" { name = "weak" }
resource "aws_iam_user_policy_attachment" "weak" {
  user       = aws_iam_user.weak.name
  policy_arn = "arn:aws:iam::${data.aws_caller_identity.who.account_id}:policy/weak"
}
