resource "aws_iam_policy" "limit" {
  name   = "limit"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["iam:List*", "s3:ListAllMyBuckets"], Resource = "*" }] })
}
