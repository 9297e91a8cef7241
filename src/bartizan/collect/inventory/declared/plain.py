"""Types of resources that say nothing that is asked here: they hold no right, no data and no network, or belong to what is read anyway.

A type that could open something (an object with an ACL of its own, a script that a machine is given) is not among them: as long as no
kind reads it, it is told as not read.
"""

from __future__ import annotations

from typing import Final

__all__ = ["PLAIN"]

PLAIN: Final = frozenset(
    {
        *(f"aws_api_gateway_{name}" for name in ("deployment", "documentation_part", "gateway_response", "integration_response")),
        *(f"aws_api_gateway_{name}" for name in ("method_response", "model", "request_validator", "resource", "usage_plan_key")),
        *(f"aws_{name}_subnet_group" for name in ("dax", "db", "docdb", "elasticache", "memorydb", "neptune", "redshift")),
        *(f"aws_autoscaling_{name}" for name in ("lifecycle_hook", "notification", "policy", "schedule")),
        *("aws_acm_certificate_validation", "aws_appautoscaling_policy", "aws_appautoscaling_target", "aws_budgets_budget"),
        *("aws_cloudwatch_dashboard", "aws_cloudwatch_log_stream", "aws_dms_replication_subnet_group", "aws_ecs_capacity_provider"),
        *("aws_elastic_beanstalk_application", "aws_elastic_beanstalk_application_version", "aws_key_pair", "aws_placement_group"),
        *("aws_resourcegroups_group", "aws_route53_health_check", "aws_s3_bucket_accelerate_configuration"),
        *("aws_s3_bucket_analytics_configuration", "aws_s3_bucket_metric", "aws_s3_bucket_request_payment_configuration"),
        *("aws_secretsmanager_secret_version", "aws_volume_attachment", "aws_vpc_dhcp_options", "aws_vpc_dhcp_options_association"),
        *("azurerm_app_service_plan", "azurerm_application_insights", "azurerm_availability_set", "azurerm_network_watcher"),
        *("azurerm_proximity_placement_group", "azurerm_service_plan"),
        *("google_app_engine_application", "google_monitoring_dashboard", "google_project_service"),
    }
)
"""As Terraform names them."""
