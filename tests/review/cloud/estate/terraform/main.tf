# What nobody should make, the same as in ../stack.yml.
provider "aws" { region = "eu-west-1" }
resource "aws_s3_bucket" "b" { bucket = "bad" }
resource "aws_s3_bucket_public_access_block" "b" {
  bucket            = aws_s3_bucket.b.id
  block_public_acls = false
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }] })
}
resource "aws_db_instance" "d" {
  identifier          = "d"
  engine              = "postgres"
  publicly_accessible = true
  storage_encrypted   = false
  username            = "admin"
  password            = "hunter2hunter2"
}
resource "aws_security_group" "s" {
  name = "s"
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "i" {
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.s.id]
  user_data              = "export DB_PASSWORD=hunter2hunter2"
  iam_instance_profile   = aws_iam_instance_profile.p.name
}
resource "aws_iam_instance_profile" "p" {
  role = aws_iam_role.r.name
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = aws_iam_role.r.arn
  runtime       = "python3.7"
  handler       = "x"
  environment { variables = { API_KEY = "abcdefghij1234567890" } }
}
resource "aws_lambda_function_url" "u" {
  function_name      = aws_lambda_function.f.function_name
  authorization_type = "NONE"
}
resource "aws_lambda_permission" "p" {
  function_name = aws_lambda_function.f.function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_kms_key" "k" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })
}
resource "aws_sqs_queue" "q" {
  name                    = "q"
  sqs_managed_sse_enabled = false
  policy                  = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:*", Resource = "*" }] })
}
resource "aws_sns_topic" "t" { name = "t" }
resource "aws_ecr_repository" "e" { name = "e" }
resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = aws_iam_role.r.arn
  vpc_config { subnet_ids = [] }
}
resource "aws_cloudtrail" "ct" {
  name           = "ct"
  s3_bucket_name = aws_s3_bucket.b.id
}
resource "aws_lb" "lb" { name = "lb" }
resource "aws_lb_listener" "l" {
  load_balancer_arn = aws_lb.lb.arn
  port              = 80
  protocol          = "HTTP"
  default_action { type = "fixed-response" }
}
resource "aws_ecs_task_definition" "td" {
  family                = "td"
  task_role_arn         = aws_iam_role.r.arn
  container_definitions = jsonencode([{ name = "a", image = "b", privileged = true, environment = [{ name = "PASSWORD", value = "hunter2hunter2" }] }])
}
resource "aws_api_gateway_rest_api" "api" { name = "api" }
resource "aws_api_gateway_method" "m" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_rest_api.api.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_stage" "st" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  stage_name    = "prod"
  deployment_id = "x"
}
resource "aws_cloudfront_distribution" "cf" {
  enabled = true
  origin {
    domain_name = aws_s3_bucket.b.bucket_regional_domain_name
    origin_id   = "x"
  }
  default_cache_behavior { viewer_protocol_policy = "allow-all" }
  viewer_certificate { cloudfront_default_certificate = true }
}
resource "aws_ssm_parameter" "p" {
  name  = "/x/password"
  type  = "String"
  value = "hunter2hunter2"
}
resource "aws_codebuild_project" "cb" {
  name         = "cb"
  service_role = aws_iam_role.r.arn
  environment {
    privileged_mode = true
    environment_variable {
      name  = "SECRET_KEY"
      value = "abcdefghij12345"
    }
  }
}
resource "aws_sagemaker_notebook_instance" "nb" {
  name     = "nb"
  role_arn = aws_iam_role.r.arn
}
