# A user with a policy of its own, said with jsonencode.
resource "aws_iam_user" "start" {
  name     = "start-${var.resource_suffix}"
  permissions_boundary = <<boundary>>
}

resource "aws_iam_user_policy" "start" {
  name     = "start"
  user     = aws_iam_user.start.name
  policy   = jsonencode({
    Version   = "2012-10-17"
    Statement = [
<<objects>>
    ]
  })
}

variable "resource_suffix" {}
