# reaches: user/start -> all 222222222222
# apart: user/reader -> all 222222222222
# admins: role/deployer
variable "dev_account_id" { default = "111111111111" }
variable "prod_account_id" { default = "222222222222" }
provider "aws" { alias = "dev" }
provider "aws" { alias = "prod" }
resource "aws_iam_user" "start" {
  provider = aws.dev
  name     = "start"
}
resource "aws_iam_user" "reader" {
  provider = aws.dev
  name     = "reader"
}
resource "aws_iam_user_policy" "start" {
  provider = aws.dev
  user     = aws_iam_user.start.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = ["lambda:UpdateFunctionCode", "lambda:InvokeFunction"], Resource = "arn:aws:lambda:*:${var.dev_account_id}:function:deploy" },
  ] })
}
resource "aws_iam_user_policy" "reader" {
  provider = aws.dev
  user     = aws_iam_user.reader.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::${var.prod_account_id}:role/*" }] })
}
resource "aws_iam_role" "deploy" {
  provider           = aws.dev
  name               = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "deploy" {
  provider = aws.dev
  role     = aws_iam_role.deploy.id
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = aws_iam_role.deployer.arn }] })
}
resource "aws_lambda_function" "deploy" {
  provider      = aws.dev
  function_name = "deploy"
  role          = aws_iam_role.deploy.arn
}
resource "aws_iam_role" "deployer" {
  provider           = aws.prod
  name               = "deployer"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.dev_account_id}:role/deploy" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy_attachment" "deployer" {
  provider   = aws.prod
  role       = aws_iam_role.deployer.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
