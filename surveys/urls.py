"""The addresses of the survey and of the opt-out."""

from django.urls import path

from surveys import opt_out, views

urlpatterns = [
    path("s/<str:token>", views.survey, name="survey"),
    path("o/<str:token>", opt_out.opt_out, name="opt_out"),
]
