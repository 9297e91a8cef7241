resource "aws_iam_role" "poor" {
  name               = "poor"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_ecs_task_definition" "job" {
  family                = "job"
  task_role_arn         = aws_iam_role.poor.arn
  container_definitions = jsonencode([{ name = "job", image = "public.ecr.aws/docker/library/alpine:3", essential = true }])
}
