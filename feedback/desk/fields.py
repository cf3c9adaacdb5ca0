"""Form fields of the desk."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES


class TextsWidget(forms.MultiWidget):
    """One input a language, each with the language's name."""

    template_name = "desk/texts_widget.html"

    def __init__(self) -> None:
        self.languages = [code for code, _name in settings.LANGUAGES]
        classes = " ".join(INPUT_CLASSES)
        super().__init__(
            {
                code: forms.TextInput({"class": classes, "lang": code, "aria-label": name, "maxlength": 255})
                for code, name in settings.LANGUAGES
            }
        )

    def decompress(self, value: Any) -> list[str]:
        texts = value if isinstance(value, dict) else {}
        return [texts.get(code, "") for code in self.languages]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for widget, (_code, language) in zip(
            context["widget"]["subwidgets"], settings.LANGUAGES, strict=True
        ):
            widget["language"] = language
        return context


class TextsField(forms.MultiValueField):
    """A text by language: ``{"en": "Workshop", "zh-hans": "维修车间"}``; languages left blank are left out."""

    def __init__(self, **kwargs: Any) -> None:
        self.codes = [code for code, _name in settings.LANGUAGES]
        fields = [forms.CharField(required=False, max_length=255) for _code in self.codes]
        super().__init__(fields, widget=TextsWidget(), require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, str]:
        return {
            code: text.strip()
            for code, text in zip(self.codes, data_list, strict=False)
            if text and text.strip()
        }

    def clean(self, value: Any) -> dict[str, str]:
        """Return the text by language.

        Raises:
            ValidationError: the field is required and no language has a text.
        """
        texts: dict[str, str] = super().clean(value) or {}
        if self.required and not texts:
            raise ValidationError(_("Give it in at least one language."), code="required")
        return texts

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = initial if isinstance(initial, dict) else {}
        return [before.get(code, "") for code in self.codes] != [text or "" for text in data or []]
