from django.urls import path

from tests.benchmarks.baseline import lists, views

urlpatterns = [
    path("baseline/bare", views.bare),
    path("baseline/template", views.template),
    path("baseline/joined/<int:link_id>", views.joined),
    path("baseline/single/<int:link_id>", views.single),
    path("baseline/orm/<int:link_id>", views.by_orm),
    path("baseline/cursor/<int:link_id>", views.by_cursor),
    path("baseline/cte/<int:link_id>", views.by_cte),
    path("baseline/owed/<int:department_id>", lists.owed),
    path("baseline/follow-ups", lists.follow_ups),
    path("baseline/intake/one", views.intake_one),
    path("baseline/intake/serializers", views.intake_serializers),
    path("baseline/intake/unnest", views.intake_unnest),
]
