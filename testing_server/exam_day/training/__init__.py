"""A training run without the hub: demonstration works and codes made on this server, never counted, never sent."""
