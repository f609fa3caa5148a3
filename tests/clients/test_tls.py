"""What the API's port agrees to: TLS 1.2 and 1.3, keys of the connection's own, ciphers that authenticate."""
import subprocess
import urllib.parse

import pytest


def shake(controller, *words):
    """What openssl as a client that takes anything says of a handshake: (version, cipher), or None where there was none."""
    ca = controller.administrator["AWS_CA_BUNDLE"]
    place = urllib.parse.urlsplit(controller.url).netloc
    done = subprocess.run(["openssl", "s_client", "-connect", place, "-CAfile", ca, "-verify_return_error", "-brief", *words], input="",
                          capture_output=True, text=True, timeout=60, check=False)
    said = dict(line.split(": ", 1) for line in (done.stdout + done.stderr).splitlines() if ": " in line)
    return (said["Protocol version"], said["Ciphersuite"]) if done.returncode == 0 and "Ciphersuite" in said else None


@pytest.mark.parametrize("words, agreed", [
    (["-tls1_3"], ("TLSv1.3", "TLS_AES_256_GCM_SHA384")),
    (["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], ("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256")),
    (["-tls1_2"], ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384")),
    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], ("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256")),
])
def test_what_is_good_is_taken(controller, words, agreed):
    assert shake(controller, *words) == agreed


@pytest.mark.parametrize("words", [
    ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
    ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
    # Without authentication of what is hidden, by a key for good, or hidden from nobody.
    ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"],
    ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-CCM:ECDHE-ECDSA-AES128-CCM8:ECDHE-ECDSA-CAMELLIA256-SHA384:@SECLEVEL=0"],
    ["-tls1_2", "-cipher", "kRSA:kDHE:ADH:AECDH:@SECLEVEL=0"],
    ["-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"],
    ["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256"],
])
def test_what_is_weak_is_refused(controller, words):
    assert shake(controller, *words) is None
    assert shake(controller) is not None, "the refusal was of the client, not of everybody"
