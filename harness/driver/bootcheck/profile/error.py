# SPDX-License-Identifier: Apache-2.0
"""What is raised where a profile is wrong."""


class ProfileError(Exception):
    """A profile that cannot be used; the text names file, line, cause and what to do."""
