# reaches: user/start -> s3:::shared, user/start -> secret:shared, user/start -> all
# apart: user/other -> s3:::shared, user/other -> all, user/start -> s3:::shut
# admins: role/run
resource "aws_iam_user" "start" { name = "start" }
resource "aws_iam_user" "other" { name = "other" }
resource "aws_iam_user_policy" "other" {
  user   = aws_iam_user.other.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "aws_iam_user_policy" "start" {
  user   = aws_iam_user.start.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::shut/*" }] })
}
resource "aws_s3_bucket" "all" {
  for_each = toset(["shared", "shut"])
  bucket   = each.key
}
data "aws_iam_policy_document" "bucket" {
  statement {
    effect    = "Allow"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.all["shared"].arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.start.arn]
    }
  }
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
    not_principals {
      type        = "AWS"
      identifiers = [aws_iam_user.start.arn, "arn:aws:iam::${split(":", aws_iam_user.start.arn)[4]}:root"]
    }
  }
}
resource "aws_s3_bucket_policy" "shared" {
  bucket = aws_s3_bucket.all["shared"].bucket
  policy = data.aws_iam_policy_document.bucket.json
}
resource "aws_s3_bucket_policy" "shut" {
  bucket = aws_s3_bucket.all["shut"].id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:Get*", Resource = ["arn:aws:s3:::shut", "arn:aws:s3:::shut/*"] }] })
}
resource "aws_secretsmanager_secret" "shared" {
  name = "shared"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_user.start.arn }, Action = "secretsmanager:GetSecretValue", Resource = "*" }] })
}
resource "aws_iam_role" "run" {
  name               = "run"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy_attachment" "run" {
  role       = aws_iam_role.run.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_lambda_function" "run" {
  function_name = "run"
  role          = aws_iam_role.run.arn
}
resource "aws_lambda_permission" "change" {
  for_each      = toset(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"])
  function_name = aws_lambda_function.run.function_name
  action        = each.value
  principal     = aws_iam_user.start.arn
}
