resource "aws_iam_instance_profile" "fleet" {
  name_prefix = "fleet"
  role        = aws_iam_role.target.id
}
resource "aws_launch_template" "fleet" {
  name_prefix   = "fleet-"
  image_id      = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  iam_instance_profile { arn = aws_iam_instance_profile.fleet.arn }
}
resource "aws_autoscaling_group" "fleet" {
  availability_zones = ["us-east-1a"]
  max_size           = 1
  min_size           = 1
  launch_template {
    id      = aws_launch_template.fleet.id
    version = "$Latest"
  }
}
