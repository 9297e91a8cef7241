resource "aws_iam_role" "poor" {
  name               = "poor"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "glue.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_glue_job" "night" {
  name     = "night"
  role_arn = aws_iam_role.poor.arn
  command { script_location = "s3://night-scripts/run.py" }
}
