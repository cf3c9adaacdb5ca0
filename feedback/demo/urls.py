from django.urls import path
from django.views.i18n import set_language

from feedback.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.index, name="index"),
    path("state/", views.state, name="state"),
    path("phone/<int:customer_id>/", views.phone, name="phone"),
    path("mailbox/<int:customer_id>/", views.mailbox, name="mailbox"),
    path("mail/<int:message_id>/", views.mail, name="mail"),
    path("language/", views.in_demo(set_language), name="language"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("resolve/", views.resolve, name="resolve"),
]
