from allauth.account.auth_backends import AuthenticationBackend


class AccountsBackend(AuthenticationBackend):
    """Nobody signs in, or stays signed in, while suspended.

    Django asks this of every session as well (`get_user`), so a suspension ends all of them.
    """

    def user_can_authenticate(self, user):
        return super().user_can_authenticate(user) and not user.is_suspended
