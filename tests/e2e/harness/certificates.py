"""Certificates for one test: an authority, and servers that it vouches for."""
import pathlib
import ssl
import subprocess

from harness.envoy import PATIENCE


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=PATIENCE)


class Authority:
    def __init__(self, directory: pathlib.Path):
        self.directory = directory
        self.key, self.certificate = directory / "ca.key", directory / "ca.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=test authority", "-keyout", self.key, "-out", self.certificate)

    def server(self, name, alpn=("http/1.1",)):
        """The TLS side of a server called `name`. It notes the name that each client asked for."""
        key, request, chain, extensions = (self.directory / f"{name}.{end}" for end in ("key", "csr", "pem", "ext"))
        extensions.write_text(f"subjectAltName=DNS:{name}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", "2", "-extfile", extensions, "-out", chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        context.set_alpn_protocols(list(alpn))

        def note(connection, asked_name, _):
            connection.asked_name = asked_name

        context.sni_callback = note
        return context
