# hangs: internet -> function:open, internet -> function:behind, internet -> function:rest, internet -> function:any, internet -> all, restapis rest -> function:rest, apis http -> function:behind
# apart: internet -> function:signed, internet -> function:inner
# admins: role/run
locals { functions = ["open", "signed", "behind", "rest", "inner", "any"] }
resource "aws_iam_role" "run" {
  name                = "run"
  assume_role_policy  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}
resource "aws_lambda_function" "all" {
  count         = length(local.functions)
  function_name = element(local.functions, count.index)
  role          = aws_iam_role.run.arn
}
resource "aws_lambda_function_url" "open" {
  function_name      = aws_lambda_function.all[0].arn
  authorization_type = "NONE"
}
resource "aws_lambda_function_url" "signed" {
  function_name      = aws_lambda_function.all[1].function_name
  authorization_type = "AWS_IAM"
}
resource "aws_apigatewayv2_api" "http" {
  name          = "http"
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_integration" "behind" {
  api_id           = aws_apigatewayv2_api.http.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.all[2].invoke_arn
}
resource "aws_apigatewayv2_route" "behind" {
  api_id    = aws_apigatewayv2_api.http.id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.behind.id}"
}
resource "aws_api_gateway_rest_api" "rest" { name = "rest" }
resource "aws_api_gateway_resource" "rest" {
  rest_api_id = aws_api_gateway_rest_api.rest.id
  parent_id   = aws_api_gateway_rest_api.rest.root_resource_id
  path_part   = "{proxy+}"
}
resource "aws_api_gateway_method" "rest" {
  rest_api_id   = aws_api_gateway_rest_api.rest.id
  resource_id   = aws_api_gateway_resource.rest.id
  http_method   = "ANY"
  authorization = "NONE"
}
resource "aws_api_gateway_integration" "rest" {
  rest_api_id             = aws_api_gateway_rest_api.rest.id
  resource_id             = aws_api_gateway_resource.rest.id
  http_method             = aws_api_gateway_method.rest.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.all[3].invoke_arn
}
resource "aws_api_gateway_method" "inner" {
  rest_api_id   = aws_api_gateway_rest_api.rest.id
  resource_id   = aws_api_gateway_rest_api.rest.root_resource_id
  http_method   = "GET"
  authorization = "AWS_IAM"
}
resource "aws_api_gateway_integration" "inner" {
  rest_api_id = aws_api_gateway_rest_api.rest.id
  resource_id = aws_api_gateway_rest_api.rest.root_resource_id
  http_method = aws_api_gateway_method.inner.http_method
  type        = "AWS_PROXY"
  uri         = aws_lambda_function.all[4].invoke_arn
}
resource "aws_lambda_permission" "any" {
  function_name = aws_lambda_function.all[5].function_name
  action        = "lambda:InvokeFunction"
  principal     = "*"
}
