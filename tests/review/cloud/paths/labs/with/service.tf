resource "aws_ecs_cluster" "main" { name = "main" }
resource "aws_ecs_task_definition" "web" {
  family                = "web"
  task_role_arn         = aws_iam_role.target.arn
  container_definitions = <<-CONTAINERS
    [{"name": "web", "image": "nginx:1", "essential": true}]
  CONTAINERS
}
resource "aws_ecs_service" "web" {
  name                   = "web"
  cluster                = aws_ecs_cluster.main.id
  task_definition        = aws_ecs_task_definition.web.arn
  desired_count          = 1
  enable_execute_command = true
}
