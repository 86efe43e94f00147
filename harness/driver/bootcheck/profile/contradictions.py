# SPDX-License-Identifier: Apache-2.0
"""What contradicts itself in a profile: declarations of which one must be wrong."""

from __future__ import annotations

from bootcheck.profile.checks import Checks
from bootcheck.profile.model import Profile
from bootcheck.profile.placeholders import PLACEHOLDER

_OF_PSK = ("bs_identity", "bs_identity_hex", "bs_key_hex")
_OF_SERVER = ("server_uri", "server_short_id", "server_tlv")
_FILES = ("account_file", "account_tlv")  # the first one has all that the client is told
_OF_SERVER_PSK = ("server_identity", "server_identity_hex", "server_key_hex")


def refuse(checks: Checks, profile: Profile) -> None:
    """Raises ProfileError for the first contradiction."""
    _refuse_declarations(checks, profile)
    if profile.lab.runs_start_command:
        _refuse_untold(checks, profile)
        _refuse_dead(checks, profile)


def _refuse_declarations(checks: Checks, profile: Profile) -> None:
    supports, stimuli = profile.supports, profile.stimuli
    for wrong, key, text in (
        (
            supports.get("account_timeout") is False and profile.timeout is not None,
            "account.timeout",
            "account.timeout contradicts supports.account_timeout = false: drop one",
        ),
        (
            supports.get("server_initiated") is True and not profile.listens,
            "supports.server_initiated",
            "supports.server_initiated needs handle.listens = true: the start command tells "
            "the client by {listen_port} where to listen",
        ),
        (
            bool(profile.factories()) and "psk" not in profile.securities,
            "account.key",
            "a factory key needs psk in supports.security",
        ),
        (
            bool(profile.factories()) and profile.entropy == "told",
            "account.entropy",
            'entropy = "told" contradicts the factory key in this profile, which the client has '
            "already: say low or high",
        ),
        (
            bool(profile.factories())
            and any("{bs_key_hex}" in word for word in profile.start_words),
            "account.key",
            "the start command tells the client a key ({bs_key_hex}), and the profile has one that "
            "it cannot be told: drop one",
        ),
        (
            supports.get("bootstrap_trigger") is False and "trigger" in stimuli,
            "handle.stimuli",
            "the stimulus trigger contradicts supports.bootstrap_trigger = false: drop one",
        ),
        (
            profile.keeps_state is False and "restart" in stimuli,
            "handle.stimuli",
            "the stimulus restart contradicts handle.keeps_state = false: drop one",
        ),
        (
            profile.keeps_state is False and profile.survives_power_cut is True,
            "handle.survives_power_cut",
            "survives_power_cut = true contradicts keeps_state = false: what a power cut leaves, "
            "an orderly stop leaves too",
        ),
    ):
        if wrong:
            raise checks.fail(key, text)


def _refuse_untold(checks: Checks, profile: Profile) -> None:
    """What the profile says that the start command tells must stand in it."""
    words = profile.start_words
    if profile.binary is not None and f"{{env.{profile.binary}}}" not in "".join(words):
        raise checks.fail(
            "start.binary",
            f"start.binary names the variable {profile.binary}, but no word of the start command "
            f"has {{env.{profile.binary}}}",
        )
    for declared, key, name, files in (
        (profile.entropy == "told", "account.entropy", "bs_entropy", _FILES[:1]),
        (profile.timeout == "start", "account.timeout", "bs_timeout", _FILES),
        (profile.listens, "handle.listens", "listen_port", _FILES[:1]),
    ):
        if declared and not any(profile.starts_with(place) for place in (name, *files)):
            raise checks.fail(
                key,
                f"{key} says that the start command tells it, but no argument has {{{name}}}",
            )


def _refuse_dead(checks: Checks, profile: Profile) -> None:
    """Placeholders that have no value in any variant, or not in all that the words are for."""
    never: dict[str, str | bool] = {
        "bs_timeout": profile.timeout != "start" and 'account.timeout is not "start"',
        "listen_port": not profile.listens and "handle.listens is not true",
    }
    for name in (*_OF_SERVER, *_OF_SERVER_PSK):
        never[name] = (
            profile.supports.get("factory_server") is False and "supports.factory_server is false"
        )
    for name in (*_OF_PSK, *_OF_SERVER_PSK):
        if "psk" not in profile.securities:
            never[name] = "supports.security has no psk"
    places = [("start.command", profile.command)]
    for index, group in enumerate(profile.groups):
        places.append((f"start.when.{index}", (*group.arguments, f"{{{group.have}}}")))
    for variable, value in profile.environment.items():
        places.append((f"start.environment.{variable}", (value,)))
    for key, words in places:
        for name in PLACEHOLDER.findall(" ".join(words)):
            if never.get(name):
                raise checks.fail(key, f"{{{name}}} never has a value, for {never[name]}")
    sometimes = {"bs_timeout", "listen_port", *_OF_SERVER, *_OF_SERVER_PSK}
    if "nosec" in profile.securities:
        sometimes.update(_OF_PSK)
    for name in PLACEHOLDER.findall(" ".join(profile.command)):
        if name in sometimes:
            raise checks.fail(
                "start.command",
                f"{{{name}}} has no value in every variant: move it into a [[start.when]] with "
                f'have = "{name}"',
            )
