"""Addresses of signing in. The names are the library's where it asks for an address by name."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import include, path, re_path

from access import limits, views, views_guests, views_invitations, views_rules, views_saml
from access.limits import limited
from access.views import refusing

settings_pages = [
    path("", views.overview, name="mfa_index"),
    path("", views.overview, name="mfa_list_webauthn"),
    path("", views.overview, name="usersessions_list"),
    path("", views.overview, name="socialaccount_connections"),
    path("password/", refusing(account.password_change), name="account_change_password"),
    path("password/first/", refusing(account.password_set), name="account_set_password"),
    path("app/", refusing(totp.activate_totp), name="mfa_activate_totp"),
    path("app/remove/", refusing(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/new/", refusing(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("passkeys/new/", refusing(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("passkeys/<int:pk>/", refusing(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("sessions/end/", views.end_other_sessions, name="sessions-end"),
    path("sessions/<int:pk>/end/", views.end_session, name="session-end"),
]
sign_in_pages = [
    path("code/", refusing(mfa.authenticate), name="mfa_authenticate"),
    path("passkey/", limited(limits.passkey)(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("again/", refusing(account.reauthenticate), name="account_reauthenticate"),
    path("again/code/", refusing(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("again/passkey/", refusing(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("sso/<slug:provider_id>/", views.sign_on, name="openid_connect_login"),
    path("sso/<slug:provider_id>/back/", oidc.callback, name="openid_connect_callback"),
    path("saml/", views_saml.start, name="saml"),
    path("saml/back/", views_saml.back, name="saml-back"),
    path("saml/finish/", views_saml.finish, name="saml-finish"),
    path("saml/metadata/", views_saml.metadata, name="saml-metadata"),
    path("switched-off/", account.account_inactive, name="account_inactive"),
]
password_pages = [
    path("forgotten/", refusing(limited(limits.reset)(account.password_reset)), name="account_reset_password"),
    path("forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        refusing(limited(limits.link)(account.password_reset_from_key)),
        name="account_reset_password_from_key",
    ),
    path("new/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]
invitation_pages = [
    path("", views_invitations.invitations, name="invitations"),
    path("new/", views_invitations.add, name="invitation-new"),
    path("<int:pk>/again/", views_invitations.again, name="invitation-again"),
    path("<int:pk>/withdraw/", views_invitations.drop, name="invitation-drop"),
]
guest_pages = [
    path("", views_guests.guests, name="audit-guests"),
    path("<int:guest>/end/", views_guests.end, name="guest-end"),
    path("invited/<int:invitation>/withdraw/", views_guests.withdraw, name="guest-withdraw"),
]
rules_pages = [
    path("", views_rules.rules, name="sign-in-rules"),
    path("single-sign-on/", views_rules.sign_on, name="sign-on"),
    path("single-sign-on/remove/", views_rules.sign_on_remove, name="sign-on-remove"),
]

urlpatterns = [
    path("sign-in/", include(sign_in_pages)),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("password/", include(password_pages)),
    path("settings/sign-in/", include(settings_pages)),
    path("settings/access/", include(rules_pages)),
    path("settings/people/invitations/", include(invitation_pages)),
    path("audits/<int:pk>/guests/", include(guest_pages)),
    path("invitation/<str:token>/", views_invitations.answer, name="invitation"),
]
