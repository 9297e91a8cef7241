resource "aws_iam_instance_profile" "web" {
  name = "web"
  role = aws_iam_role.target.name
}
resource "aws_instance" "web" {
  ami                  = "ami-0123456789abcdef0"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.web.name
}
