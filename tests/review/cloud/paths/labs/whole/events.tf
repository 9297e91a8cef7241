# hangs: user/start -> function:worker, user/start -> all, internet -> project/open
# apart: user/other -> function:worker, internet -> project/careful
# reaches: user/start -> function:let
# admins: role/run
resource "aws_sqs_queue" "jobs" { name = "jobs" }
resource "aws_iam_role" "run" {
  name               = "run"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy_attachment" "run" {
  role       = aws_iam_role.run.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
resource "aws_iam_role" "poor" {
  name               = "poor"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "codebuild.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
}
resource "aws_lambda_function" "worker" {
  function_name = "worker"
  role          = aws_iam_role.run.arn
}
resource "aws_lambda_function" "let" {
  function_name = "let"
  role          = aws_iam_role.poor.arn
}
resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.worker.arn
}
resource "aws_iam_user" "all" {
  for_each = toset(["start", "other"])
  name     = each.key
}
resource "aws_iam_user_policy" "start" {
  user = aws_iam_user.all["start"].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.jobs.arn },
    { Effect = "Allow", Action = "lambda:AddPermission", Resource = aws_lambda_function.let.arn },
  ] })
}
resource "aws_codebuild_project" "all" {
  for_each     = toset(["open", "careful"])
  name         = each.key
  service_role = aws_iam_role.poor.arn
  artifacts { type = "NO_ARTIFACTS" }
  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
  }
  source {
    type     = "GITHUB"
    location = "https://github.com/example/shop.git"
  }
}
resource "aws_codebuild_webhook" "all" {
  for_each     = aws_codebuild_project.all
  project_name = each.value.name
  dynamic "filter_group" {
    for_each = each.key == "careful" ? ["PUSH"] : []
    content {
      filter {
        type    = "EVENT"
        pattern = filter_group.value
      }
    }
  }
}
