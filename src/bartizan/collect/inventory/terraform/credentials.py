"""Attributes of Terraform's resources that let somebody in: whoever writes one into a variable or a script has written a credential there.

Source: the pages of the resources in the documentation of the providers, read on 27 November 2026.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CREDENTIALS"]

_ACCOUNT: Final = tuple(
    f"{which}_{what}" for which in ("primary", "secondary") for what in ("access_key", "connection_string", "blob_connection_string")
)
CREDENTIALS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_api_gateway_api_key": ("value",),
    "aws_iam_access_key": ("secret", "ses_smtp_password_v4"),
    "aws_iam_service_specific_credential": ("service_password",),
    "aws_iam_user_login_profile": ("password",),
    "azuread_application_password": ("value",),
    "azuread_service_principal_password": ("value",),
    "azurerm_container_registry": ("admin_password",),
    "azurerm_cosmosdb_account": ("primary_key", "secondary_key"),
    "azurerm_kubernetes_cluster": ("kube_admin_config_raw", "kube_config_raw"),
    "azurerm_redis_cache": ("primary_access_key", "secondary_access_key"),
    "azurerm_storage_account": _ACCOUNT,
    "data.aws_secretsmanager_random_password": ("random_password",),
    "data.aws_secretsmanager_secret_version": ("secret_binary", "secret_string"),
    "data.azurerm_key_vault_secret": ("value",),
    "data.azurerm_storage_account": _ACCOUNT,
    "data.google_secret_manager_secret_version": ("secret_data",),
    "google_service_account_key": ("private_key",),
    "google_storage_hmac_key": ("secret",),
    "random_password": ("result",),
    "tls_private_key": ("private_key_openssh", "private_key_pem", "private_key_pem_pkcs8"),
}
"""By type (``data.`` before that of a data source): the attributes."""
