"""One tenant after its first deployment: releases, rollback, secrets, removal."""
