# What a group may do, its members may.
resource "aws_iam_group" "team" {
  name = "team"
  path = "/"
}

resource "aws_iam_user" "start" {
  name                 = "start"
  permissions_boundary = <<boundary>>
}

resource "aws_iam_user_group_membership" "start" {
  user   = aws_iam_user.start.name
  groups = [aws_iam_group.team.name]
}

resource "aws_iam_group_policy" "team" {
  group  = aws_iam_group.team.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([
<<objects>>
    ], [])
  })
}
