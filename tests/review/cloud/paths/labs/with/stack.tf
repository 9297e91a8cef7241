resource "aws_cloudformation_stack" "base" {
  name          = "base"
  iam_role_arn  = aws_iam_role.target.arn
  template_body = jsonencode({ Resources = { Topic = { Type = "AWS::SNS::Topic" } } })
}
