resource "aws_sfn_state_machine" "flow" {
  name       = "flow"
  role_arn   = aws_iam_role.target.arn
  definition = jsonencode({ StartAt = "Wait", States = { Wait = { Type = "Wait", Seconds = 1, End = true } } })
}
