resource "aws_lambda_function" "api" {
  function_name = "api"
  role          = aws_iam_role.target.arn
  handler       = "main.handler"
  runtime       = "python3.13"
  filename      = "api.zip"
}
