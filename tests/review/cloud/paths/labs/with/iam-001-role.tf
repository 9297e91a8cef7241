resource "aws_iam_policy" "loose" {
  name   = "loose"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:ListAllMyBuckets", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "loose" {
  role       = aws_iam_role.work.name
  policy_arn = aws_iam_policy.loose.arn
}
