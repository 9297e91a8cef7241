resource "aws_ecr_repository" "web" { name = "shop/web" }
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  task_role_arn         = aws_iam_role.target.arn
  container_definitions = jsonencode([{ name = "web", image = "${aws_ecr_repository.web.repository_url}:latest" }])
}
