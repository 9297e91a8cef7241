resource "aws_apprunner_service" "web" {
  service_name = "web"
  source_configuration {
    auto_deployments_enabled = false
    image_repository {
      image_identifier      = "public.ecr.aws/nginx/nginx:latest"
      image_repository_type = "ECR_PUBLIC"
    }
  }
  instance_configuration { instance_role_arn = aws_iam_role.target.arn }
}
