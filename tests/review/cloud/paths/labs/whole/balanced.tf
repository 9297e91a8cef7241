# hangs: internet -> all, internet -> service/main/shop
# apart: internet -> service/main/inner
# admins: role/task
resource "aws_security_group" "lb" {
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "task" {}
resource "aws_vpc_security_group_ingress_rule" "task" {
  security_group_id            = aws_security_group.task.id
  referenced_security_group_id = aws_security_group.lb.id
  from_port                    = 8080
  to_port                      = 8080
  ip_protocol                  = "tcp"
}
resource "aws_lb" "front" {
  name               = "front"
  load_balancer_type = "application"
  security_groups    = [aws_security_group.lb.id]
}
resource "aws_lb" "back" {
  name     = "back"
  internal = true
}
resource "aws_lb_target_group" "shop" {
  name        = "shop"
  target_type = "ip"
}
resource "aws_lb_target_group" "inner" {
  name        = "inner"
  target_type = "ip"
}
resource "aws_lb_listener" "front" {
  load_balancer_arn = aws_lb.front.arn
  port              = 443
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop.arn
  }
}
resource "aws_lb_listener" "back" {
  load_balancer_arn = aws_lb.back.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.inner.arn
  }
}
resource "aws_iam_role" "task" {
  name               = "task"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_iam_role_policy" "task" {
  role   = aws_iam_role.task.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_ecs_cluster" "main" { name = "main" }
resource "aws_ecs_task_definition" "shop" {
  family                = "shop"
  task_role_arn         = aws_iam_role.task.arn
  container_definitions = jsonencode([{ name = "shop", image = "shop:1", portMappings = [{ containerPort = 8080 }] }])
}
resource "aws_ecs_service" "shop" {
  for_each        = { shop = aws_lb_target_group.shop.arn, inner = aws_lb_target_group.inner.arn }
  name            = each.key
  cluster         = aws_ecs_cluster.main.name
  task_definition = aws_ecs_task_definition.shop.arn
  load_balancer {
    target_group_arn = each.value
    container_name   = "shop"
    container_port   = 8080
  }
}
