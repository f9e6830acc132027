// npm iiif-processor behind Node's own HTTP server, two processes. Arguments: port, folder of pyramids, how it reads.
//
// `stream`: as its documentation says, the whole file is piped into sharp for each request.
// `file`: at its best, sharp opens the file and reads only what it needs. Dimensions are remembered in both.
import cluster from "node:cluster";
import { createReadStream } from "node:fs";
import http from "node:http";
import path from "node:path";
import { Processor } from "iiif-processor";
import sharp from "sharp";

const [port, folder, reading] = process.argv.slice(2);
const WORKERS = 2;

if (cluster.isPrimary) {
  for (let n = 0; n < WORKERS; n++) cluster.fork();
  for (const signal of ["SIGTERM", "SIGINT"])
    process.on(signal, () => {
      for (const worker of Object.values(cluster.workers)) worker.kill();
      process.exit(0);
    });
} else {
  // One thread of libvips for each process, as many processes as cores.
  sharp.concurrency(1);
  sharp.cache({ files: 0 });
  const known = new Map();
  const place = (id) => path.join(folder, path.basename(decodeURIComponent(id)));

  async function dimensionFunction({ id }) {
    if (!known.has(id)) {
      const { width, height, pages } = await sharp(place(id), { limitInputPixels: false }).metadata();
      const found = [];
      for (let page = 0; page < pages; page++) found.push({ width: width >> page, height: height >> page });
      known.set(id, found);
    }
    return known.get(id);
  }

  const asStream = async ({ id }) => createReadStream(place(id));
  const asFile = ({ id }, callback) =>
    callback({
      pipe(pipeline) {
        delete pipeline.options.input.buffer;
        pipeline.options.input.file = place(id);
        return pipeline;
      },
    });
  const resolver = reading === "stream" ? asStream : asFile;

  http
    .createServer(async (request, response) => {
      try {
        const url = `http://${request.headers.host}${request.url}`;
        const result = await new Processor(url, resolver, { dimensionFunction }).execute();
        if (result.type === "content") {
          response.setHeader("Access-Control-Allow-Origin", "*");
          response.setHeader("Content-Type", result.contentType);
          response.setHeader("Content-Length", Buffer.byteLength(result.body));
          if (result.canonicalLink) {
            const links = [`<${result.canonicalLink}>;rel="canonical"`, `<${result.profileLink}>;rel="profile"`];
            response.setHeader("Link", links);
          }
          response.end(result.body);
        } else if (result.type === "redirect") {
          response.writeHead(303, { Location: result.location }).end();
        } else {
          response.writeHead(result.statusCode).end(result.message);
        }
      } catch (error) {
        response.writeHead(error.statusCode ?? 500).end(String(error));
      }
    })
    .listen(Number(port), "127.0.0.1");
}
