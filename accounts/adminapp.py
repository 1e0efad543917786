from django.contrib.admin.apps import AdminConfig


class OperationsConfig(AdminConfig):
    default_site = "accounts.adminsite.OperationsSite"
