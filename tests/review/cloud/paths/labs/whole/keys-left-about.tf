# reaches: user/parameters -> all, user/secrets -> all, user/objects -> all, user/functions -> all, user/data -> all
# hangs: user/stacks -> all, user/tasks -> all, user/builds -> all
# apart: user/nothing -> all
# admins: user/boss
locals {
  who = {
    parameters = ["ssm:GetParameter", "*"]
    secrets    = ["secretsmanager:GetSecretValue", aws_secretsmanager_secret.key.arn]
    objects    = ["s3:GetObject", "arn:aws:s3:::left-about/*"]
    functions  = ["lambda:GetFunctionConfiguration", "*"]
    data       = ["ec2:DescribeInstanceAttribute", "*"]
    tasks      = ["ecs:DescribeTaskDefinition", "*"]
    builds     = ["codebuild:BatchGetProjects", "*"]
    stacks     = ["cloudformation:DescribeStacks", "*"]
    nothing    = ["ssm:DescribeParameters", "*"]
  }
}
resource "aws_iam_user" "who" {
  for_each = local.who
  name     = each.key
}
resource "aws_iam_user_policy" "who" {
  for_each = local.who
  user     = aws_iam_user.who[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = each.value[0], Resource = each.value[1] }] })
}
resource "aws_iam_user" "boss" { name = "boss" }
resource "aws_iam_user_policy_attachment" "boss" {
  user       = aws_iam_user.boss.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_access_key" "boss" { user = aws_iam_user.boss.name }
resource "aws_ssm_parameter" "key" {
  name  = "/deploy/key"
  type  = "SecureString"
  value = "${aws_iam_access_key.boss.id}:${aws_iam_access_key.boss.secret}"
}
resource "aws_secretsmanager_secret" "key" { name = "deploy" }
resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = aws_secretsmanager_secret.key.id
  secret_string = jsonencode({ id = aws_iam_access_key.boss.id, secret = aws_iam_access_key.boss.secret })
}
resource "aws_s3_bucket" "left" { bucket = "left-about" }
resource "aws_s3_object" "key" {
  bucket  = aws_s3_bucket.left.id
  key     = "credentials"
  content = <<-E
    [default]
    aws_access_key_id = ${aws_iam_access_key.boss.id}
    aws_secret_access_key = ${aws_iam_access_key.boss.secret}
  E
}
resource "aws_lambda_function" "key" {
  function_name = "key"
  role          = aws_iam_role.poor.arn
  environment { variables = { AWS_KEY = aws_iam_access_key.boss.id, AWS_SECRET = aws_iam_access_key.boss.secret } }
}
resource "aws_iam_role" "poor" {
  name               = "poor"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "codebuild.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
}
resource "aws_instance" "key" {
  ami       = "ami-0123456789abcdef0"
  user_data = "export AWS_ACCESS_KEY_ID=${aws_iam_access_key.boss.id} AWS_SECRET_ACCESS_KEY=${aws_iam_access_key.boss.secret}"
}
resource "aws_ecs_task_definition" "key" {
  family                = "key"
  container_definitions = jsonencode([{ name = "key", image = "a:1", environment = [{ name = "AWS_ACCESS_KEY_ID", value = aws_iam_access_key.boss.id }, { name = "AWS_SECRET_ACCESS_KEY", value = aws_iam_access_key.boss.secret }] }])
}
resource "aws_codebuild_project" "key" {
  name         = "key"
  service_role = aws_iam_role.poor.arn
  artifacts { type = "NO_ARTIFACTS" }
  source { type = "NO_SOURCE" }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
    environment_variable {
      name  = "KEY"
      value = aws_iam_access_key.boss.id
    }
    environment_variable {
      name  = "SECRET"
      value = aws_iam_access_key.boss.secret
    }
  }
}
resource "aws_cloudformation_stack" "key" {
  name          = "key"
  parameters    = { Key = aws_iam_access_key.boss.id, Secret = aws_iam_access_key.boss.secret }
  template_body = "{}"
}
