# dp in a container: Debian slim, an ordinary user, its data in one volume. Arguments are those of drawpile-srv, so
# compose files for the original image keep working with this one; dp's own commands: docker exec NAME dp …
FROM node:22-bookworm-slim AS build
WORKDIR /opt/dp
COPY . .
RUN npm install --no-audit --no-fund
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-bookworm-slim
# The number is that of the original image's user: its volumes can be used as they are.
RUN userdel --remove node \
  && useradd --uid 1000 --user-group --create-home --shell /usr/sbin/nologin drawpile \
  && ln -s /opt/dp/bin/run.js /usr/local/bin/dp \
  && ln -s /opt/dp/bin/drawpile-srv.js /usr/local/bin/drawpile-srv
COPY --from=build /opt/dp /opt/dp
ENV NODE_ENV=production DP_DATA=/home/drawpile
WORKDIR /home/drawpile
USER drawpile
VOLUME /home/drawpile
EXPOSE 27750 27751 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "/opt/dp/scripts/healthcheck.mjs"]
ENTRYPOINT ["node", "/opt/dp/bin/drawpile-srv.js"]
CMD ["--database", "/home/drawpile/dp.db", "--sessions", "/home/drawpile/sessions"]
