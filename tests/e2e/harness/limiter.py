"""A rate-limit service that holds budgets in memory, as an operator's would in Redis."""
import concurrent.futures
import threading

import grpc
from envoy.service.ratelimit.v3 import rls_pb2, rls_pb2_grpc


class Limiter(rls_pb2_grpc.RateLimitServiceServicer):
    """`budgets` says how much each client may use; who is not in it may use anything."""

    def __init__(self, budgets):
        self.budgets = budgets
        self.used = {}
        self.calls = []  # (domain, client, hits)
        self._lock = threading.Lock()
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        rls_pb2_grpc.add_RateLimitServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def ShouldRateLimit(self, request, context):
        response = rls_pb2.RateLimitResponse(overall_code=rls_pb2.RateLimitResponse.OK)
        with self._lock:
            for descriptor in request.descriptors:
                client = {entry.key: entry.value for entry in descriptor.entries}.get("client")
                hits = descriptor.hits_addend.value if descriptor.HasField("hits_addend") else request.hits_addend or 1
                self.calls.append((request.domain, client, hits))
                used = self.used.get(client, 0)
                code = rls_pb2.RateLimitResponse.OK
                if used >= self.budgets.get(client, used + 1):
                    code = response.overall_code = rls_pb2.RateLimitResponse.OVER_LIMIT
                self.used[client] = used + hits
                response.statuses.add(code=code)
        return response

    def close(self):
        self._server.stop(0).wait(10)
