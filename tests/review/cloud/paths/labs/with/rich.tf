resource "aws_glue_job" "night" {
  name     = "night"
  role_arn = aws_iam_role.target.arn
  command { script_location = "s3://night-scripts/run.py" }
}
resource "aws_s3_bucket" "scripts" {
  bucket = "night-scripts"
}
