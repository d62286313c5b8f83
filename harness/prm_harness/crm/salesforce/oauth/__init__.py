"""OAuth 2.0 and OpenID Connect: tokens, a browser's login, who is logged in (contract §1.1, §1.2)."""
