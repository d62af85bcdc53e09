from tests.integration.portal.conftest import more, published, visitor

__all__ = ["more", "published", "visitor"]
