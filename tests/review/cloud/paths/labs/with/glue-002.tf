resource "aws_glue_dev_endpoint" "lab" {
  name     = "lab"
  role_arn = aws_iam_role.target.arn
}
