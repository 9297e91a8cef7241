resource "aws_bedrockagentcore_code_interpreter" "tool" {
  name               = "tool"
  execution_role_arn = aws_iam_role.target.arn
  network_configuration { network_mode = "PUBLIC" }
}
