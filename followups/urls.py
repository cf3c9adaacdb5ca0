"""The address of the customer's page."""

from django.urls import path

from followups import views

urlpatterns = [path("f/<str:token>", views.page, name="page")]
