resource "aws_cloudformation_stack_set" "base" {
  name                    = "base"
  administration_role_arn = aws_iam_role.target.arn
  execution_role_name     = "base-execution"
  template_body           = jsonencode({ Resources = { Topic = { Type = "AWS::SNS::Topic" } } })
}
